"""Model folders as sentence-transformers saves them: tiny, random, made by code."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEXTS = (
    "A letter about lighthouses.",
    "",
    "a",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "会议于一八四八年春天首次召开，讨论选举权。",
    "يجب على المستأجر إخطار المالك كتابيًا قبل ثلاثين يومًا.",
    "🙂🙃 12 13 14.5 № ½ ﬁ",
    "tab\tand\nline breaks   and spaces ",
    "word " * 40,
    "A long report on harbours, tides and the price of rope in 1848. " * 60,
    "x" * 3000,
)


def embedder(folder: Path, *, dimension: int = 32, seed: int = 0, **config: Any) -> Path:
    """BERT with mean pooling, a dense layer and normalising; ``config`` goes into
    config_sentence_transformers.json."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import (
            Dense,
            Normalize,
            Pooling,
            Transformer,
        )
        from transformers import BertModel

        torch.manual_seed(seed)
        backbone = folder.parent / f"{folder.name}-backbone"
        BertModel(_bert()).eval().save_pretrained(backbone)
        _tokenizer().save_pretrained(backbone)
        SentenceTransformer(
            modules=[
                Transformer(str(backbone), max_seq_length=64),
                Pooling(48),
                Dense(48, dimension),
                Normalize(),
            ],
            device="cpu",
        ).save(str(folder), create_model_card=False)
    if config:
        file = folder / "config_sentence_transformers.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | config))
    return folder


def reranker(folder: Path, *, labels: int = 1) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from transformers import BertForSequenceClassification

        torch.manual_seed(1)
        model = BertForSequenceClassification(_bert(num_labels=labels)).eval()
        model.save_pretrained(folder)
        _tokenizer().save_pretrained(folder)
    return folder


def exact(folder: Path, texts: tuple[str, ...], prompt: str = "") -> NDArray[np.float32]:
    """Unit vectors by sentence-transformers itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        found = model.encode(list(texts), prompt=prompt, show_progress_bar=False)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def exact_scores(folder: Path, query: str, texts: tuple[str, ...]) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        pairs = [(query, text) for text in texts]
        raw = torch.nn.Identity()
        found = model.predict(pairs, activation_fn=raw, show_progress_bar=False)
    return np.asarray(found, np.float32)


def _bert(**more: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(_vocabulary()),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=64,
        initializer_range=0.4,
        **more,
    )


def _vocabulary() -> dict[str, int]:
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    letters += list("会议于一八四年春天首次召开讨论选举权ياجبعلىمستأرإخطكقثنوً🙂")
    words = ["the", "a", "letter", "about", "light", "report", "on", "word", "price", "of", "rope"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *letters]
    tokens += [f"##{letter}" for letter in letters]
    return {token: number for number, token in enumerate(dict.fromkeys(tokens))}


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    vocabulary = _vocabulary()
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=64,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )

"""The small words by which a question leans on the one before it, in four languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Language:
    """All in lower case. ``openings`` and ``closings`` are left off a question to see what is left
    of it; ``bare`` words make a question of their own with an asking word ("until when?");
    ``more`` are whole requests for more of the same. ``also`` joins one more question to another,
    ``within`` comes before a year.
    """

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    asking: frozenset[str]
    verbs: frozenset[str]
    articles: frozenset[str]
    prepositions: frozenset[str]
    bare: frozenset[str]
    subjects: frozenset[str]
    objects: frozenset[str]
    possessives: frozenset[str]
    people: frozenset[str]
    pointing: frozenset[str]
    same: tuple[str, ...]
    more: tuple[str, ...]
    joints: frozenset[str]
    also: str
    within: str

    @cached_property
    def small(self) -> frozenset[str]:
        """Every word that says nothing by itself."""
        return frozenset().union(
            self.asking, self.verbs, self.articles, self.prepositions, self.bare, self.subjects,
            self.objects, self.possessives, self.pointing, self.joints,
        )  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _list(phrases: str) -> tuple[str, ...]:
    """Longest first, so that the first that fits is the right one."""
    return tuple(sorted((p.strip() for p in phrases.split("|")), key=len, reverse=True))


ENGLISH = Language(
    openings=_list(
        "and what about|and how about|what about|how about|but what about|so what about|and|but|"
        "or|so|ok and|okay and|also|what of|then|and then|and also|now|same for|the same for|"
        "and only|only|just|and just|even|not|even in"
    ),
    closings=_list("then|too|as well|instead|though|please|again|exactly|now"),
    asking=_set("what which who whom whose when where why how"),
    verbs=_set(
        "is are was were am be been being do does did has have had can could will would shall "
        "should may might must what's who's where's when's how's isn't aren't wasn't didn't"
    ),
    articles=_set("the a an"),
    prepositions=_set(
        "in on at by for from to of with without within during before after until till since "
        "between about against under over per into onto through via as than like near outside "
        "inside excluding including except around across toward towards versus vs compared"
    ),
    bare=_set(
        "so not come else much many long far often exactly then soon old big large high low more "
        "less precisely what is was that there ones one others other"
    ),
    subjects=_set("it they he she this that these those there"),
    objects=_set("it them him her this that these those there"),
    possessives=_set("its their his her theirs hers"),
    people=_set("he she him her his hers"),
    pointing=_set("this these those such"),
    same=_list(
        "the same|the former|the latter|the others|the other one|the other ones|the first one|"
        "the second one|the third one|the last one|which one|which ones|which of them|"
        "which of these|which of those|both of them|all of them|the previous one|the next one|"
        "this one|that one"
    ),
    more=_list(
        "tell me more|more|more details|more detail|give me more details|go on|continue|explain|"
        "explain more|elaborate|can you elaborate|please elaborate|can you explain|"
        "be more specific|can you be more specific|for example|an example|give an example|"
        "give me an example|such as|like what|are you sure|really|is that so|is that true|"
        "is that correct|in more detail|what do you mean|how do you know|says who|"
        "where does it say that|where does it say so|where is that stated|which page|what page|"
        "on which page|give me the page|show me the page|"
        "in which section|which section|source|sources|what is the source|tell me more about it|"
        "tell me more about that|can you tell me more|anything else|what else|say that again"
    ),
    joints=_set(
        "and or but if that when while because although though since whether where who which i "
        "me my you your we us our please tell show give many much not no any some all"
    ),
    also="and",
    within="in ",
)
GERMAN = Language(
    openings=_list(
        "und was ist mit|was ist mit|und wie ist es mit|wie ist es mit|und wie sieht es mit|"
        "wie sieht es mit|wie steht es um|und|aber|oder|also|dann|und dann|nur|und nur|ebenso"
    ),
    closings=_list("denn|auch|aus|genau|bitte|jetzt|dann|eigentlich"),
    asking=_set(
        "was wer wen wem wessen wann wo wohin woher warum wieso weshalb wie welche welcher welches "
        "welchen welchem wieviel wieviele wofür womit worin wozu wovon woran wodurch"
    ),
    verbs=_set(
        "ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können konnte "
        "muss müssen musste soll sollen sollte darf dürfen sei wäre"
    ),
    articles=_set("der die das den dem des ein eine einen einem einer eines"),
    prepositions=_set(
        "in im an am auf aus bei beim mit ohne nach von vom vor zu zum zur für gegen über unter "
        "um durch seit bis während zwischen laut pro je ab wegen trotz außer"
    ),
    bare=_set("viel viele lange oft weit hoch groß genau denn nicht so noch seit bis von alt"),
    subjects=_set("er sie es dies diese dieser das"),
    objects=_set("ihn ihm ihr ihnen es sie dies das"),
    possessives=_set("sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer deren dessen"),
    people=_set("er ihn ihm"),
    pointing=_set(
        "davon dafür dazu darin damit darüber dabei daran darauf daraus dagegen danach deshalb "
        "dieser dieses diesen diesem"
    ),
    same=_list("dasselbe|derselbe|dieselbe|das gleiche|der andere|die andere|das andere"),
    more=_list(
        "mehr|mehr dazu|mehr details|erzähl mehr|erkläre das|genauer|zum beispiel|ein beispiel|"
        "weiter|wirklich|bist du sicher|was noch|sonst noch etwas|auf welcher seite|was heißt das|"
        "was bedeutet das"
    ),
    joints=_set(
        "und oder aber wenn dass ob weil ich mir mein wir uns unser man nicht kein keine auch noch "
        "schon nur"
    ),
    also="und",
    within="",
)
FRENCH = Language(
    openings=_list(
        "et qu'en est-il de|qu'en est-il de|qu'en est-il|et pour|et|mais|ou|alors|et alors|"
        "seulement|et seulement"
    ),
    closings=_list("alors|aussi|exactement|donc"),
    asking=_set("que quoi qui quand où pourquoi comment combien quel quelle quels quelles qu"),
    verbs=_set(
        "est sont était étaient sera seront a ont avait avaient fut furent peut peuvent doit "
        "doivent faut"
    ),
    articles=_set("le la les l un une des du au aux"),
    prepositions=_set(
        "en à de d dans par pour avec sans sur sous chez vers depuis jusqu avant après pendant "
        "entre contre selon hors"
    ),
    bare=_set("pas donc depuis jusqu à de d temps exactement autre"),
    subjects=_set("il elle ils elles cela ça ce c"),
    objects=_set("cela ça eux"),
    possessives=_set("son sa ses leur leurs"),
    people=_set(""),
    pointing=_set("celui celle ceux celles"),
    same=_list("le même|la même|les mêmes|celui-ci|celle-ci|l'autre|le premier|le second"),
    more=_list(
        "plus|encore|plus de détails|dis-m'en plus|expliquez|par exemple|un exemple|vraiment|"
        "c'est sûr|quoi d'autre|à quelle page"
    ),
    joints=_set("et ou mais si que parce je me mon nous notre on ne pas s se"),
    also="et",
    within="en ",
)
SPANISH = Language(
    openings=_list(
        "y qué hay de|qué hay de|y qué pasa con|qué pasa con|y para|y|e|pero|o|entonces|"
        "y entonces|solo|sólo|y solo"
    ),
    closings=_list("entonces|también|exactamente|pues"),
    asking=_set(
        "qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuánta cuántos cuántas que quien "
        "cual cuando donde como cuanto"
    ),
    verbs=_set(
        "es son era eran fue fueron será serán está están estaba ha han había habían tiene tienen "
        "hay puede pueden debe deben"
    ),
    articles=_set("el la los las lo un una unos unas del al"),
    prepositions=_set(
        "en de a con sin por para sobre desde hasta según entre contra durante ante bajo tras"
    ),
    bare=_set("no por desde hasta para tanto exactamente más tiempo"),
    subjects=_set("él ella ellos ellas eso esto ello"),
    objects=_set("eso esto ello"),
    possessives=_set("su sus"),
    people=_set(""),
    pointing=_set("ese esa esos esas este esta estos estas"),
    same=_list("lo mismo|el mismo|la misma|el otro|la otra|el primero|el segundo"),
    more=_list(
        "más|más detalles|explica|explícalo|por ejemplo|un ejemplo|de verdad|seguro|qué más|"
        "algo más|en qué página"
    ),
    joints=_set("y o pero si que porque yo me mi nosotros nuestro se no"),
    also="y",
    within="en ",
)
# where something may be asked about without an "in" before it ("and Germany?")
PLACES = frozenset(
    _list(
        "europe|asia|africa|america|north america|south america|latin america|australia|the eu|eu|"
        "emea|apac|uk|us|usa|u.s|u.k|united states|united kingdom|england|scotland|ireland|germany|"
        "france|spain|portugal|italy|austria|switzerland|belgium|netherlands|denmark|sweden|norway|"
        "finland|iceland|poland|czechia|slovakia|slovenia|croatia|hungary|romania|bulgaria|greece|"
        "turkey|russia|ukraine|israel|egypt|nigeria|kenya|south africa|india|pakistan|china|japan|"
        "korea|south korea|taiwan|singapore|indonesia|vietnam|thailand|new zealand|canada|mexico|"
        "brazil|argentina|chile|colombia|deutschland|frankreich|spanien|italien|österreich|schweiz|"
        "polen|europa|japon|chine|allemagne|france|espagne|italie|suisse|belgique|alemania|francia|"
        "españa|italia|méxico|brasil|chile"
    )
)
ALL = (ENGLISH, GERMAN, FRENCH, SPANISH)


def spoken(words: list[str], before: list[str]) -> Language:
    """The language of a question, from its small words; where they do not tell, from those of the
    question before. Words in lower case."""

    def known(language: Language) -> tuple[int, int]:
        opened = any(words[: len(o)] == o for o in map(str.split, language.openings))
        return (
            2 * sum(word in language.small for word in words) + 2 * opened,
            sum(word in language.small for word in before),
        )

    return max(ALL, key=known)

"""Files into pages. One module per family of formats; only the reader child runs them."""

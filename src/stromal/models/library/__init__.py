"""Models that come with the product, each a folder of text, parameters, ports and words."""

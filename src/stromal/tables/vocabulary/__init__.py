"""Names that tables can hold, as data: analytes, events, scales, products, units."""

"""From equations to source: prune, simplify, order, factorise, print, keep."""

"""The page: tables, figures, citations, published beside ours."""

"""Published evidence as the page shows it: small records in, figures, tables and sentences out."""

"""Rules on immune thrombocytopenia."""

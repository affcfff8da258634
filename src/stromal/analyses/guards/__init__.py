"""What a good statistician would ask of finished analyses, as issues of the page."""

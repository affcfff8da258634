"""A study from its folder to its report: read and check, then the stages in order."""

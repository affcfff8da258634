"""What has been published: pooled, checked, and made ready to feed a trial."""

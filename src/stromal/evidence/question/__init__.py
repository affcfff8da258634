"""A question of a protocol put to the record: what answers, what does not and why, and pooled."""

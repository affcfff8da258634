"""Times that are known before a run: when switches change and when events are executed."""

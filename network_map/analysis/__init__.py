"""Pure analysis: tables in, tables out; no file, no clock, no random state."""

"""What the pages share: frame, choices and link, memo of answers, map, tables."""

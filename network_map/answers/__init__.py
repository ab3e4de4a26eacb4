"""One query in, one finished answer out: the pages and the command line both ask here."""

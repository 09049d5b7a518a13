"""Links out of feeds, sitemaps, section pages and robots.txt; pure functions of bytes."""

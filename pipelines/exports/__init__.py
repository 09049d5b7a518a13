"""What leaves the archive: its articles as rows in files others read, and as a package of its WARC records."""

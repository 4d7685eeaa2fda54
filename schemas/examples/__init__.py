"""One example a schema version, named like its topic; every one must decode. All of it is invented."""

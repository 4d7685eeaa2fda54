"""The console's pages, style and scripts: package data, served from memory by `console.pages`."""

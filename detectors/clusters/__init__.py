"""Addresses of one owner: links that transactions suggest, without mixes, and the clusters they make."""

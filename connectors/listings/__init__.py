"""Adverts. Files of them are read by `connectors.files`; feeds over HTTP by `feed`."""

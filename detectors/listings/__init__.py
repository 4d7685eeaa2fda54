"""detectors/listings"""

"""detectors/links"""

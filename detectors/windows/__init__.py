"""detectors/windows"""

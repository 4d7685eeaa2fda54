"""An exchange's own files: its columns mapped to our records, checked whole before anything is loaded."""

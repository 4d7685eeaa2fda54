"""The interVASP Messaging Standard 101: who sends and who receives a virtual asset, in its 2020 and 2023 forms."""

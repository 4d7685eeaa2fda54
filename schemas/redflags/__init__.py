"""The red-flag catalogue as data: one file a domain, the publications they rest on, the reporting terms.

The text is ours: it paraphrases and cites publications by reference and section and quotes none of them.
FinCEN text is in the public domain and FINTRAC's may be reused with attribution, but FATF text is not
reproduced here because FATF forbids it without permission. Read it with `manumit.schemas.redflag`.
"""

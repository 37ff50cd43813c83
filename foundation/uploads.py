"""What people upload, read without trust: the text of a CSV file as spreadsheets write it."""

from foundation import errors

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how files of Excel begin, new and old
ENCODINGS = ("utf-8-sig", "cp1252")


def decode_csv(data: bytes, field: str = "file") -> str:
    """Decode the text of a file, UTF-8 or Windows-1252. Refuses (`Invalid`, with `field`) what is empty or no text."""
    if not data.strip():
        raise errors.file_empty(field)
    if data.startswith(WORKBOOKS):
        raise errors.file_is_excel(field)
    if b"\x00" in data:
        raise errors.file_not_csv(field)
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise errors.file_encoding_unknown(field)

"""A trained model in use: on pictures, films and cameras, by command, page and program."""

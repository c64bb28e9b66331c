"""What can go wrong here and be told to the person who started the program."""


class Trouble(Exception):
    """Its message says what is wrong and what to do, in one or two lines, without any secret."""

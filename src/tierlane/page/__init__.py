"""The policy as a page to read and print: chapters in plain words, and the ways of contacts drawn.

Documents in, text out: no file, clock or browser.
"""

"""The spiders; one class a paper is made of them by the loader."""

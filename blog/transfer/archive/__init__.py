"""The blog's own archive: everything that people made here, as a folder of Markdown and YAML, and back.

What is in it and what is not is said in docs/moving.md. Two archives differ only where what was made differs: names and
order follow from the content, numbers of rows and what readers leave behind (hits, views, last visits) are left out.
"""

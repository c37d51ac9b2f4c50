"""Every SELECT, with a name. What a page needs beside the row itself is declared here and nowhere else."""

from blog.queries import chain as chain  # from here on, every session chains the events that it writes

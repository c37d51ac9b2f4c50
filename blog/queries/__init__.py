"""Every SELECT, with a name. What a page needs beside the row itself is declared here and nowhere else."""

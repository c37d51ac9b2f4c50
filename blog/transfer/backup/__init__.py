"""Everything in one file, made while the site runs, and put back whole: on the same database or on the other one.

`make_backup`, `look_at_backup`, `restore_backup` and `prove_backup` are what commands and pages call. Each tells
`progress` what it is at, and raises BackupRefused with a sentence for the person who asked; StorageAway when files
cannot be reached.

The site's SECRET_KEY is not in the file: whoever finds a backup cannot open with it what is sealed (the secrets of
authenticator apps). Without the key those have to be set up anew.
"""

from blog.transfer.backup.archive import BackupRefused, Manifest
from blog.transfer.backup.checking import look_at_backup
from blog.transfer.backup.making import Made, Progress, make_backup, write_backup
from blog.transfer.backup.proving import Proof, note_proof, prove_backup
from blog.transfer.backup.restoring import Restored, restore_backup

__all__ = [
    "BackupRefused", "Made", "Manifest", "Progress", "Proof", "Restored", "look_at_backup", "make_backup",
    "note_proof", "prove_backup", "restore_backup", "write_backup",
]  # fmt: skip

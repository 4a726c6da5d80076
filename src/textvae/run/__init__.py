"""What a run was: its configuration, its software and machine, and what each job cost."""

"""The people at the depot: who they are, what each may do, how they prove it. Officers in cars are another matter."""

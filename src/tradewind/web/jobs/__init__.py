"""Jobs of projects: the commands a person would type, run one after another beside the dashboard.

What a job is and how far it is lies in one file in the folder of its project, written whole each time; whoever holds
the lock beside it runs it. The dashboard only starts a job, reads the file and asks it to stop, so a job goes on when
the dashboard ends, and one that was cut off is seen to be, and can go on where it was.
"""

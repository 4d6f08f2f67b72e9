"""Changes of state, told once: to people, to the journal and to the event log; without
passwords.
"""

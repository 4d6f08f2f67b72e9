"""The workstation side: everything that makes and examines the shipped models. The daemon imports
nothing of it.
"""

"""Reads test cells before anyone is graded by them: which verdicts could a trainee's code give to itself?"""

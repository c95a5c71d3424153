"""From what was said to what will be posted: exact steps, and all that is shown.

What people see of a draft is read from the same JSON that becomes its bytes.
"""

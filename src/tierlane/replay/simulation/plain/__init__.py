"""The plain line: desks of a simple kind, told without the real desk and proven equal to it.

Where nothing that a contact does hangs on how full a desk is, its whole way through the plan is
known when it arrives: in which row of the line it stands from which age on, when it is closed.
Where an advisor holds one contact at a time and takes what is offered, a desk is rows of contacts
by age and crews of advisors by idleness. Whatever is asked of a policy here is asked of the
compiled policy and of the real desk itself, once for all contacts alike (`course`, `model`); what
is left to do for each contact is to wait its turn (`run`, in the simplest case `single`).
"""

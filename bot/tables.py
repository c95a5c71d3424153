"""Every file that has rows, so that migrations know all tables."""

import approvals.store
import bot.chatlog
import bot.console.rows
import bot.people
import bot.teams
import qbo.connection
import qbo.governor
import qbo.mirror

ALL = (
    approvals.store,
    bot.chatlog,
    bot.console.rows,
    bot.people,
    bot.teams,
    qbo.connection,
    qbo.governor,
    qbo.mirror,
)

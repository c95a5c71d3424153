"""Every file that has rows, so that migrations know all tables."""

import approvals.delegations
import approvals.followed
import approvals.notices
import approvals.policy.versions
import approvals.store
import approvals.tellings
import approvals.trail
import bot.chatlog
import bot.console.sessions
import bot.console.transcript
import bot.files
import bot.misses
import bot.model_rows
import bot.people
import bot.shown
import bot.teams_people
import bot.uploaded
import qbo.governor
import qbo.invitations
import qbo.mirror
import qbo.numbering
import qbo.tombstones
import qbo.vault
import qbo.watching

ALL = (
    approvals.delegations,
    approvals.followed,
    approvals.notices,
    approvals.policy.versions,
    approvals.store,
    approvals.tellings,
    approvals.trail,
    bot.chatlog,
    bot.console.sessions,
    bot.console.transcript,
    bot.files,
    bot.misses,
    bot.model_rows,
    bot.people,
    bot.shown,
    bot.teams_people,
    bot.uploaded,
    qbo.governor,
    qbo.invitations,
    qbo.mirror,
    qbo.numbering,
    qbo.tombstones,
    qbo.vault,
    qbo.watching,
)

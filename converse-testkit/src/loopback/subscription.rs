//! The subscription states of RFC 6121 appendix A, as four independent facts.

use xmpp_parsers::roster;

/// What one account has agreed on with one contact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Subscription {
    /// The contact sees the account's presence.
    pub(super) from: bool,
    /// The account sees the contact's presence.
    pub(super) to: bool,
    /// The account has asked for the contact's presence.
    pub(super) pending_out: bool,
    /// The contact has asked for the account's presence.
    pub(super) pending_in: bool,
}

/// The four presence types that manage subscriptions (RFC 6121 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
}

impl Step {
    /// The step a presence `type` stands for.
    pub(super) fn parse(kind: &str) -> Option<Self> {
        Some(match kind {
            "subscribe" => Step::Subscribe,
            "subscribed" => Step::Subscribed,
            "unsubscribe" => Step::Unsubscribe,
            "unsubscribed" => Step::Unsubscribed,
            _ => return None,
        })
    }

    /// The presence `type` of the step.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Step::Subscribe => "subscribe",
            Step::Subscribed => "subscribed",
            Step::Unsubscribe => "unsubscribe",
            Step::Unsubscribed => "unsubscribed",
        }
    }
}

impl Subscription {
    /// Both see each other.
    pub(super) const BOTH: Self = Self {
        from: true,
        to: true,
        pending_out: false,
        pending_in: false,
    };

    /// The account takes a step; says whether the contact's server hears of it (RFC 6121 §A.2).
    pub(super) fn outbound(&mut self, step: Step) -> bool {
        match step {
            Step::Subscribe => {
                self.pending_out |= !self.to;
                true
            }
            Step::Unsubscribe => {
                self.to = false;
                self.pending_out = false;
                true
            }
            Step::Subscribed => {
                let asked = std::mem::take(&mut self.pending_in);
                self.from |= asked;
                asked
            }
            Step::Unsubscribed => {
                let answers = self.from || self.pending_in;
                self.from = false;
                self.pending_in = false;
                answers
            }
        }
    }

    /// The contact takes a step; says whether the account hears of it (RFC 6121 §A.3).
    pub(super) fn inbound(&mut self, step: Step) -> bool {
        match step {
            Step::Subscribe => {
                let news = !self.from && !self.pending_in;
                self.pending_in |= news;
                news
            }
            Step::Unsubscribe => {
                let news = self.from || self.pending_in;
                self.from = false;
                self.pending_in = false;
                news
            }
            Step::Subscribed => {
                let news = std::mem::take(&mut self.pending_out);
                self.to |= news;
                news
            }
            Step::Unsubscribed => {
                let news = self.to || self.pending_out;
                self.to = false;
                self.pending_out = false;
                news
            }
        }
    }

    /// What a roster shows of it.
    pub(super) fn shown(self) -> (roster::Subscription, roster::Ask) {
        let subscription = match (self.to, self.from) {
            (true, true) => roster::Subscription::Both,
            (true, false) => roster::Subscription::To,
            (false, true) => roster::Subscription::From,
            (false, false) => roster::Subscription::None,
        };
        let ask = if self.pending_out {
            roster::Ask::Subscribe
        } else {
            roster::Ask::None
        };
        (subscription, ask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nine states of RFC 6121 §A.1: to, from, pending out, pending in.
    fn state(name: &str) -> Subscription {
        let base = name.split('+').next().unwrap_or_default();
        Subscription {
            to: matches!(base, "To" | "Both"),
            from: matches!(base, "From" | "Both"),
            pending_out: name.contains("Out"),
            pending_in: name.contains("In"),
        }
    }

    fn check(step: Step, take: fn(&mut Subscription, Step) -> bool, rows: &[(&str, bool, &str)]) {
        for (before, news, after) in rows {
            let mut subscription = state(before);
            assert_eq!(take(&mut subscription, step), *news, "{step:?} in {before}");
            assert_eq!(subscription, state(after), "{step:?} in {before}");
        }
    }

    #[test]
    fn outbound_steps_follow_appendix_a_2() {
        check(
            Step::Subscribe,
            Subscription::outbound,
            &[
                ("None", true, "None+Out"),
                ("None+Out", true, "None+Out"),
                ("None+In", true, "None+Out+In"),
                ("To", true, "To"),
                ("To+In", true, "To+In"),
                ("From", true, "From+Out"),
                ("Both", true, "Both"),
            ],
        );
        check(
            Step::Unsubscribe,
            Subscription::outbound,
            &[
                ("None", true, "None"),
                ("None+Out", true, "None"),
                ("None+Out+In", true, "None+In"),
                ("To", true, "None"),
                ("To+In", true, "None+In"),
                ("From+Out", true, "From"),
                ("Both", true, "From"),
            ],
        );
        check(
            Step::Subscribed,
            Subscription::outbound,
            &[
                ("None", false, "None"),
                ("None+Out", false, "None+Out"),
                ("None+In", true, "From"),
                ("None+Out+In", true, "From+Out"),
                ("To", false, "To"),
                ("To+In", true, "Both"),
                ("From", false, "From"),
                ("Both", false, "Both"),
            ],
        );
        check(
            Step::Unsubscribed,
            Subscription::outbound,
            &[
                ("None", false, "None"),
                ("None+In", true, "None"),
                ("None+Out+In", true, "None+Out"),
                ("To+In", true, "To"),
                ("From", true, "None"),
                ("From+Out", true, "None+Out"),
                ("Both", true, "To"),
            ],
        );
    }

    #[test]
    fn inbound_steps_follow_appendix_a_3() {
        check(
            Step::Subscribe,
            Subscription::inbound,
            &[
                ("None", true, "None+In"),
                ("None+Out", true, "None+Out+In"),
                ("None+In", false, "None+In"),
                ("To", true, "To+In"),
                ("From", false, "From"),
                ("Both", false, "Both"),
            ],
        );
        check(
            Step::Unsubscribe,
            Subscription::inbound,
            &[
                ("None", false, "None"),
                ("None+In", true, "None"),
                ("To+In", true, "To"),
                ("From", true, "None"),
                ("From+Out", true, "None+Out"),
                ("Both", true, "To"),
            ],
        );
        check(
            Step::Subscribed,
            Subscription::inbound,
            &[
                ("None", false, "None"),
                ("None+Out", true, "To"),
                ("None+Out+In", true, "To+In"),
                ("From+Out", true, "Both"),
                ("To", false, "To"),
            ],
        );
        check(
            Step::Unsubscribed,
            Subscription::inbound,
            &[
                ("None", false, "None"),
                ("None+Out", true, "None"),
                ("None+Out+In", true, "None+In"),
                ("To", true, "None"),
                ("From+Out", true, "From"),
                ("Both", true, "From"),
            ],
        );
    }
}

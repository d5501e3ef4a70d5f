//! What a text means before it runs: statements, pipelines, commands, expressions. Every part knows
//! its place in the text; every expression knows its height, which the parser bounds, so that no
//! walk over a tree can exhaust the stack.

use std::rc::Rc;

use super::source::Span;
use super::value::Value;

/// Statements, one after another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// In order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it is.
    pub span: Span,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `A | B | C`
    Pipeline(Pipeline),
    /// `$x = …`, `$x += …`
    Assignment {
        /// The variable, without `$`, in lower case.
        variable: String,
        /// The operator that joins old and new value; `None` for `=`.
        operator: Option<BinaryOperator>,
        /// What is assigned: the output of this.
        value: Box<Statement>,
    },
    /// `if (…) {…} elseif (…) {…} else {…}`
    If {
        /// Conditions and what follows from them.
        branches: Vec<(Pipeline, Script)>,
        /// What follows from none.
        otherwise: Option<Script>,
    },
    /// `foreach ($x in …) {…}`
    ForEach {
        /// The variable, without `$`, in lower case.
        variable: String,
        /// What is walked over.
        over: Pipeline,
        /// What is done with each.
        body: Script,
    },
    /// `exit`, `exit 3`
    Exit(Option<Expression>),
}

/// Stages, each fed by the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// At least one; only the first may be an expression.
    pub stages: Vec<Stage>,
    /// Where it is.
    pub span: Span,
}

/// One stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// A value.
    Expression(Expression),
    /// A command.
    Command(Command),
}

/// A command with what it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its name as spelt.
    pub name: String,
    /// Where the name is.
    pub name_span: Span,
    /// In order.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `-Name`, or `-Name:value`.
    Parameter {
        /// Without the dash, as spelt.
        name: String,
        /// Where the name is, with its dash.
        span: Span,
        /// What stands after the colon.
        value: Option<Expression>,
    },
    /// A value: it belongs to the parameter before it, or to a place.
    Value(Expression),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it is.
    pub span: Span,
    /// The longest way down from here, in expressions.
    pub(super) height: usize,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A number or a text without variables.
    Literal(Value),
    /// A text with variables in it.
    Expandable(Vec<TextPart>),
    /// `$x`; without `$`, in lower case.
    Variable(String),
    /// `a, b`
    List(Vec<Expression>),
    /// `@( … )`
    ListOf(Script),
    /// `@{ key = value }`
    Table(Vec<(Expression, Statement)>),
    /// `$( … )`
    Sub(Script),
    /// `( … )`
    Group(Box<Statement>),
    /// `{ … }`
    Block(Rc<Script>),
    /// `a.name`
    Property(Box<Expression>, Box<Expression>),
    /// `a[i]`
    Index(Box<Expression>, Box<Expression>),
    /// `a.Name(…)`
    Method {
        /// On what.
        on: Box<Expression>,
        /// The method's name as spelt.
        name: String,
        /// What is passed.
        arguments: Vec<Expression>,
    },
    /// `-not a`
    Unary(UnaryOperator, Box<Expression>),
    /// `a -eq b`
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `[int]a`
    Cast(Cast, Box<Expression>),
}

/// A part of a text with variables in it.
#[derive(Debug, Clone, PartialEq)]
pub enum TextPart {
    /// As it stands.
    Plain(String),
    /// What this gives, as text.
    Value(Expression),
}

/// Operators before one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-not`, `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `-join`, with nothing between.
    Join,
    /// `-split`, at white space.
    Split,
    /// `,`: a list of one.
    List,
}

/// Types that a value can be turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// `[string]`
    Text,
    /// `[int]`, `[long]`
    Integer,
    /// `[double]`, `[decimal]`
    Decimal,
    /// `[bool]`
    Boolean,
    /// `[array]`, `[string[]]`
    List,
    /// `[datetime]`
    Time,
    /// `[pscustomobject]`
    Object,
    /// `[ordered]`, `[hashtable]`: tables keep their order anyway.
    Table,
}

/// Whether a comparison minds the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `-eq`, `-ieq`
    Ignored,
    /// `-ceq`
    Minded,
}

/// Comparisons of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `-eq`
    Equal,
    /// `-ne`
    NotEqual,
    /// `-gt`
    Greater,
    /// `-ge`
    GreaterOrEqual,
    /// `-lt`
    Less,
    /// `-le`
    LessOrEqual,
    /// `-like`
    Like,
    /// `-notlike`
    NotLike,
    /// `-match`
    Match,
    /// `-notmatch`
    NotMatch,
    /// `-contains`
    Contains,
    /// `-notcontains`
    NotContains,
    /// `-in`
    In,
    /// `-notin`
    NotIn,
}

/// Operators between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `-and`
    And,
    /// `-or`
    Or,
    /// `-xor`
    Xor,
    /// A comparison.
    Compare(Comparison, Case),
    /// `-replace`
    Replace(Case),
    /// `-split`
    Split(Case),
    /// `-join`
    Join,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `-f`
    Format,
    /// `..`
    Range,
}

/// Comparisons by their names without the letter for the case.
pub(super) const COMPARISONS: [(&str, Comparison); 14] = [
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("ge", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("le", Comparison::LessOrEqual),
    ("like", Comparison::Like),
    ("notlike", Comparison::NotLike),
    ("match", Comparison::Match),
    ("notmatch", Comparison::NotMatch),
    ("contains", Comparison::Contains),
    ("notcontains", Comparison::NotContains),
    ("in", Comparison::In),
    ("notin", Comparison::NotIn),
];

/// The comparison that a word (without its dash) names: `eq`, `ieq`, `ceq`.
pub(super) fn comparison(word: &str) -> Option<(Comparison, Case)> {
    let word = word.to_ascii_lowercase();
    let named = |name: &str| {
        COMPARISONS.iter().find(|(known, _)| *known == name).map(|(_, comparison)| *comparison)
    };
    if let Some(found) = named(&word) {
        return Some((found, Case::Ignored));
    }
    if let Some(found) = word.strip_prefix('i').and_then(named) {
        return Some((found, Case::Ignored));
    }
    word.strip_prefix('c').and_then(named).map(|found| (found, Case::Minded))
}

impl Expression {
    /// An expression; its height follows from its parts.
    pub(super) fn new(kind: ExpressionKind, span: Span) -> Expression {
        let height = 1 + kind.height();
        Expression { kind, span, height }
    }
}

impl Script {
    pub(super) fn height(&self) -> usize {
        self.statements.iter().map(Statement::height).max().unwrap_or(0)
    }
}

impl Statement {
    fn height(&self) -> usize {
        let below = match &self.kind {
            StatementKind::Pipeline(pipeline) => pipeline.height(),
            StatementKind::Assignment { value, .. } => value.height(),
            StatementKind::If { branches, otherwise } => branches
                .iter()
                .map(|(condition, then)| condition.height().max(then.height()))
                .chain(otherwise.iter().map(Script::height))
                .max()
                .unwrap_or(0),
            StatementKind::ForEach { over, body, .. } => over.height().max(body.height()),
            StatementKind::Exit(status) => status.as_ref().map_or(0, |status| status.height),
        };
        below + 1
    }
}

impl Pipeline {
    fn height(&self) -> usize {
        self.stages
            .iter()
            .map(|stage| match stage {
                Stage::Expression(expression) => expression.height,
                Stage::Command(command) => {
                    command.arguments.iter().map(Argument::height).max().unwrap_or(0)
                }
            })
            .max()
            .unwrap_or(0)
    }
}

impl Argument {
    fn height(&self) -> usize {
        match self {
            Argument::Parameter { value, .. } => value.as_ref().map_or(0, |value| value.height),
            Argument::Value(value) => value.height,
        }
    }
}

impl ExpressionKind {
    fn height(&self) -> usize {
        match self {
            ExpressionKind::Literal(_) | ExpressionKind::Variable(_) => 0,
            ExpressionKind::Expandable(parts) => parts
                .iter()
                .map(|part| match part {
                    TextPart::Plain(_) => 0,
                    TextPart::Value(value) => value.height,
                })
                .max()
                .unwrap_or(0),
            ExpressionKind::List(items) => tallest(items),
            ExpressionKind::ListOf(script) | ExpressionKind::Sub(script) => script.height(),
            ExpressionKind::Block(script) => script.height(),
            ExpressionKind::Table(entries) => {
                entries.iter().map(|(key, value)| key.height.max(value.height())).max().unwrap_or(0)
            }
            ExpressionKind::Group(statement) => statement.height(),
            ExpressionKind::Property(left, right)
            | ExpressionKind::Index(left, right)
            | ExpressionKind::Binary(_, left, right) => left.height.max(right.height),
            ExpressionKind::Method { on, arguments, .. } => on.height.max(tallest(arguments)),
            ExpressionKind::Unary(_, value) | ExpressionKind::Cast(_, value) => value.height,
        }
    }
}

fn tallest(items: &[Expression]) -> usize {
    items.iter().map(|item| item.height).max().unwrap_or(0)
}

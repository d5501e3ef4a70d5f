//! Runs what was read: statements, pipelines, expressions. Stages hand whole lists on: what a
//! server lists arrives in pages anyway, and is kept until the stage is done.

mod member;
mod method;
mod operator;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(super) use member::own_property;
pub(super) use operator::compared;

use super::bind::{Binding, Caller, Given};
use super::builtin;
use super::call;
use super::fault::{Cause, Fault};
use super::host::Host;
use super::source::Span;
use super::syntax::{
    Argument, BinaryOperator, Command, Expression, ExpressionKind, Pipeline, Script, Stage,
    Statement, StatementKind, TextPart,
};
use super::value::{Value, compare, lookup};

/// What happens on a failure that only concerns one object or one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorAction {
    /// Told; what comes after it runs.
    Continue,
    /// Not told.
    SilentlyContinue,
    /// Ends the script.
    Stop,
}

impl ErrorAction {
    /// Reads the value of `-ErrorAction` and of `$ErrorActionPreference`.
    pub(super) fn named(name: &str) -> Option<ErrorAction> {
        match name.to_ascii_lowercase().as_str() {
            "continue" | "inquire" => Some(ErrorAction::Continue),
            "silentlycontinue" | "ignore" => Some(ErrorAction::SilentlyContinue),
            "stop" => Some(ErrorAction::Stop),
            _ => None,
        }
    }
}

/// The state that statements share.
pub(super) struct Evaluator<'h> {
    pub(super) host: &'h mut dyn Host,
    pub(super) variables: &'h mut BTreeMap<String, Value>,
    /// The text that runs, for pictures of failures.
    source: &'h str,
    /// `$?`
    pub(super) succeeded: bool,
    /// How many failures there were.
    failures: usize,
    /// The first failure that was told and not stopped at.
    pub(super) first_failure: Option<Fault>,
    /// What was warned of already in this statement.
    warned: BTreeSet<String>,
}

impl<'h> Evaluator<'h> {
    pub(super) fn new(
        host: &'h mut dyn Host,
        variables: &'h mut BTreeMap<String, Value>,
        source: &'h str,
    ) -> Evaluator<'h> {
        let warned = BTreeSet::new();
        Evaluator {
            host,
            variables,
            source,
            succeeded: true,
            failures: 0,
            first_failure: None,
            warned,
        }
    }

    /// A statement of the top level: what it gives is the caller's to show.
    pub(super) fn top_statement(&mut self, statement: &Statement) -> Result<Vec<Value>, Fault> {
        self.warned.clear();
        let mut output = Vec::new();
        self.statement(statement, &mut output)?;
        Ok(output)
    }

    /// Runs statements and collects what they give.
    pub(super) fn script(&mut self, script: &Script) -> Result<Vec<Value>, Fault> {
        let mut output = Vec::new();
        for statement in &script.statements {
            self.statement(statement, &mut output)?;
        }
        Ok(output)
    }

    /// Runs a block with `$_` set.
    pub(super) fn block(&mut self, block: &Script, item: &Value) -> Result<Vec<Value>, Fault> {
        self.go_on()?;
        let outer = self.variables.insert("_".to_owned(), item.clone());
        let output = self.script(block);
        match outer {
            Some(outer) => self.variables.insert("_".to_owned(), outer),
            None => self.variables.remove("_"),
        };
        output
    }

    fn statement(&mut self, statement: &Statement, output: &mut Vec<Value>) -> Result<(), Fault> {
        let failures = self.failures;
        match &statement.kind {
            StatementKind::Pipeline(pipeline) => {
                let result = self.pipeline(pipeline);
                output.extend(self.survive(result, failures)?.unwrap_or_default());
            }
            StatementKind::Assignment { variable, operator, value } => {
                let result = self.assigned(variable, *operator, value);
                if let Some(value) = self.survive(result, failures)? {
                    self.variables.insert(variable.clone(), value);
                }
            }
            StatementKind::If { branches, otherwise } => {
                for (condition, then) in branches {
                    let result = self.pipeline(condition);
                    let Some(given) = self.survive(result, failures)? else { return Ok(()) };
                    if Value::gathered(given).is_true() {
                        output.extend(self.script(then)?);
                        return Ok(());
                    }
                }
                if let Some(otherwise) = otherwise {
                    output.extend(self.script(otherwise)?);
                }
            }
            StatementKind::ForEach { variable, over, body } => {
                let result = self.pipeline(over);
                for item in self.survive(result, failures)?.unwrap_or_default() {
                    self.go_on()?;
                    self.variables.insert(variable.clone(), item);
                    output.extend(self.script(body)?);
                }
            }
            StatementKind::Exit(status) => return Err(self.exit(status.as_ref(), statement.span)?),
        }
        Ok(())
    }

    /// Fails where the person wants it to end.
    pub(super) fn go_on(&mut self) -> Result<(), Fault> {
        match self.host.interruption() {
            // It is about no place in the text.
            Some(refusal) => Err(Fault { span: None, ..Fault::refused(Span::default(), refusal) }),
            None => Ok(()),
        }
    }

    /// A failed statement is told, and the next one runs, unless the script is to stop.
    /// `failures` is how many there were before it.
    fn survive<T>(
        &mut self,
        result: Result<T, Fault>,
        failures: usize,
    ) -> Result<Option<T>, Fault> {
        match result {
            Ok(value) => {
                self.succeeded = self.failures == failures;
                Ok(Some(value))
            }
            Err(fault) => {
                self.fail(fault, self.error_action())?;
                Ok(None)
            }
        }
    }

    /// Tells a failure and goes on, or gives it back to stop at it.
    pub(super) fn fail(&mut self, fault: Fault, action: ErrorAction) -> Result<(), Fault> {
        self.succeeded = false;
        self.failures += 1;
        if fault.ends_all() || action == ErrorAction::Stop {
            return Err(Fault { stops: true, ..fault });
        }
        if action == ErrorAction::Continue {
            self.host.complain(&fault.report(self.source));
            self.first_failure.get_or_insert(fault);
        }
        Ok(())
    }

    /// `$ErrorActionPreference`
    pub(super) fn error_action(&self) -> ErrorAction {
        self.variables
            .get("erroractionpreference")
            .and_then(|value| ErrorAction::named(&value.to_text()))
            .unwrap_or(ErrorAction::Continue)
    }

    fn exit(&mut self, status: Option<&Expression>, span: Span) -> Result<Fault, Fault> {
        let status = match status {
            None => 0,
            Some(status) => {
                let value = self.value(status)?;
                let number = match compare::to_number(&value) {
                    Some(Value::Integer(number)) => u8::try_from(number).ok(),
                    _ => None,
                };
                number.ok_or_else(|| {
                    Fault::meaning(status.span, "an exit status is a number from 0 to 255")
                })?
            }
        };
        let fault = Fault::meaning(span, "the script ended itself");
        Ok(Fault { cause: Cause::Exit(status), ..fault })
    }

    fn assigned(
        &mut self,
        variable: &str,
        operator: Option<BinaryOperator>,
        value: &Statement,
    ) -> Result<Value, Fault> {
        let given = self.statement_value(value)?;
        let Some(operator) = operator else { return Ok(given) };
        let old = self.variables.get(variable).cloned().unwrap_or(Value::Null);
        self.binary(operator, old, given, value.span)
    }

    /// What a statement gives, as one value. A lone expression gives its value as it is; anything
    /// else gives what came out of it.
    fn statement_value(&mut self, statement: &Statement) -> Result<Value, Fault> {
        match &statement.kind {
            StatementKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
                [Stage::Expression(expression)] => self.value(expression),
                _ => self.pipeline(pipeline).map(Value::gathered),
            },
            StatementKind::Assignment { variable, operator, value } => {
                let value = self.assigned(variable, *operator, value)?;
                self.variables.insert(variable.clone(), value.clone());
                Ok(value)
            }
            StatementKind::If { .. } | StatementKind::ForEach { .. } | StatementKind::Exit(_) => {
                let mut output = Vec::new();
                self.statement(statement, &mut output)?;
                Ok(Value::gathered(output))
            }
        }
    }

    /// Runs a pipeline.
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<Vec<Value>, Fault> {
        let mut carried: Option<Vec<Value>> = None;
        for stage in &pipeline.stages {
            carried = Some(match stage {
                Stage::Expression(expression) => self.value(expression)?.into_items(),
                Stage::Command(command) => self.command(command, carried)?,
            });
        }
        Ok(carried.unwrap_or_default())
    }

    fn command(
        &mut self,
        command: &Command,
        input: Option<Vec<Value>>,
    ) -> Result<Vec<Value>, Fault> {
        let caller = Caller::find(command)?;
        let arguments = self.arguments(command)?;
        let binding = Binding::of(caller, command, arguments)?;
        match caller {
            Caller::BuiltIn(known) => builtin::run(known, self, &binding, input),
            Caller::Server(cmdlet) => call::run(cmdlet, self, &binding, input),
        }
    }

    /// Evaluates the arguments of a command.
    fn arguments(&mut self, command: &Command) -> Result<Vec<Given>, Fault> {
        let mut given = Vec::new();
        for argument in &command.arguments {
            match argument {
                Argument::Parameter { name, span, value } => {
                    given.push(Given::Name { name: name.clone(), span: *span });
                    if let Some(value) = value {
                        let span = value.span;
                        given.push(Given::Attached { value: self.value(value)?, span });
                    }
                }
                Argument::Value(value) => {
                    let span = value.span;
                    given.push(Given::Value { value: self.value(value)?, span });
                }
            }
        }
        Ok(given)
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, expression: &Expression) -> Result<Value, Fault> {
        match &expression.kind {
            ExpressionKind::Literal(value) => Ok(value.clone()),
            ExpressionKind::Expandable(parts) => self.expanded(parts),
            ExpressionKind::Variable(name) => self.variable(name, expression.span),
            ExpressionKind::List(items) => {
                let items: Result<Vec<Value>, Fault> =
                    items.iter().map(|item| self.value(item)).collect();
                items.map(Value::list)
            }
            ExpressionKind::ListOf(script) => self.script(script).map(Value::list),
            ExpressionKind::Sub(script) => self.script(script).map(Value::gathered),
            ExpressionKind::Table(entries) => self.table(entries),
            ExpressionKind::Group(statement) => self.statement_value(statement),
            ExpressionKind::Block(script) => Ok(Value::Block(Rc::clone(script))),
            ExpressionKind::Property(on, name) => {
                let on = self.value(on)?;
                let name = self.value(name)?.to_text();
                Ok(self.property(&on, &name))
            }
            ExpressionKind::Index(on, index) => {
                let on = self.value(on)?;
                let place = self.value(index)?;
                operator::index(&on, &place, index.span)
            }
            ExpressionKind::Method { on, name, arguments } => {
                let on = self.value(on)?;
                let arguments: Result<Vec<Value>, Fault> =
                    arguments.iter().map(|argument| self.value(argument)).collect();
                method::call(&on, name, &arguments?, expression.span)
            }
            ExpressionKind::Unary(operator, value) => {
                let span = value.span;
                let value = self.value(value)?;
                operator::unary(*operator, value, span)
            }
            ExpressionKind::Binary(operator, left, right) => {
                self.binary_expression(*operator, left, right, expression.span)
            }
            ExpressionKind::Cast(cast, value) => {
                let span = value.span;
                let value = self.value(value)?;
                self.cast(*cast, value, span)
            }
        }
    }

    fn binary_expression(
        &mut self,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Result<Value, Fault> {
        let left = self.value(left)?;
        // The right side is not looked at where the left one decides.
        match operator {
            BinaryOperator::And if !left.is_true() => return Ok(Value::Boolean(false)),
            BinaryOperator::Or if left.is_true() => return Ok(Value::Boolean(true)),
            _ => {}
        }
        let right = self.value(right)?;
        self.binary(operator, left, right, span)
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        left: Value,
        right: Value,
        span: Span,
    ) -> Result<Value, Fault> {
        if matches!(operator, BinaryOperator::Compare(..)) {
            self.tell_local_part(&left, &right);
        }
        operator::binary(operator, left, right, span)
    }

    fn expanded(&mut self, parts: &[TextPart]) -> Result<Value, Fault> {
        let mut text = String::new();
        for part in parts {
            match part {
                TextPart::Plain(plain) => text.push_str(plain),
                TextPart::Value(value) => text.push_str(&self.value(value)?.to_text()),
            }
        }
        Ok(Value::text(text))
    }

    fn table(&mut self, entries: &[(Expression, Statement)]) -> Result<Value, Fault> {
        let mut table: Vec<(String, Value)> = Vec::new();
        for (key, value) in entries {
            let name = self.value(key)?.to_text();
            if lookup(&table, &name).is_some() {
                return Err(Fault::meaning(key.span, format!("the key '{name}' is there twice")));
            }
            table.push((name, self.statement_value(value)?));
        }
        Ok(Value::Table(Rc::new(table)))
    }
}
